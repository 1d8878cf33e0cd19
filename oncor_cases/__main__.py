"""The doors without Prefect: every command of `oncor`."""


def main() -> None:
    from oncor_cases.cli import app

    app()


if __name__ == "__main__":
    main()
