"""The next hours of a cold room, learned without the readings that its checks flag."""

import math
import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from diptych.app.verbs.data.sensor_forecast import Wanted, forecast_log

chance = random.Random(1)


def celsius(number: int) -> float:
    """A daily wave and noise; the sensor loses contact for forty readings."""
    if 900 <= number < 940:
        return -127.0
    return 5 + 0.5 * math.sin(number / 144 * 2 * math.pi) + chance.gauss(0, 0.1)


with tempfile.TemporaryDirectory() as scratch:
    log = Path(scratch) / "room.csv"
    rows = [f"{1_767_225_600 + 600 * number},{celsius(number):.2f}" for number in range(2000)]
    log.write_text("\n".join(["time,degC", *rows]))

    done = forecast_log(log, Wanted(ahead=6))
    for step in done.outlook.steps:
        time = datetime.fromtimestamp(step.time_s, UTC)
        print(f"{time:%d %b %H:%M}  {step.value:.2f} ({step.low:.2f} to {step.high:.2f}) degC")
    print(*done.sentences, sep="\n")
