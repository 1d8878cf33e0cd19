"""The lists an invented region sends besides documents, and what they are known to disagree about."""
