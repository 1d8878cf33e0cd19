from oncor_cases import compiled

compiled.load()
