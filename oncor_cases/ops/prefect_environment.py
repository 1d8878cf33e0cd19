"""The environment every Prefect process runs in: our own folder, loopback, no calls home, heartbeats on.

Only strings: Prefect itself is imported in flows/ alone. Reasons for each line are measured facts of Prefect 3.8."""

from pathlib import Path

HEARTBEAT = 30  # seconds between heartbeats of a run: the least Prefect allows
SILENCE = 90  # seconds without one after which a run counts as dead


def environment(home: Path, host: str, port: int, database_url: str = "", heartbeat: int = HEARTBEAT) -> dict[str, str]:
    """Variables for the server, the `serve` process and its runs. `home`: Prefect's own disposable folder."""
    address = f"http://{host}:{port}"
    variables = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),  # a profile of the user must not lead a run elsewhere
        "PREFECT_API_URL": f"{address}/api",
        "PREFECT_UI_URL": address,
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # else a forgotten address silently starts a second server
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(heartbeat),
        "PREFECT_RUNNER_POLL_FREQUENCY": "5",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P14D",  # events are most of the growth of its database
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
    }
    if database_url:
        variables["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database_url
    return variables
