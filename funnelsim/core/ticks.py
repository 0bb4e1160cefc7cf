"""Time as integers: how many seconds a unit has, and the tick that never comes."""

from typing import Final

NEVER: Final = 1 << 60
"""A tick later than every horizon; sums of two of them still fit a 64-bit integer."""

SECOND: Final = 1.0
MINUTE: Final = 60.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0
WEEK: Final = 7 * DAY
YEAR: Final = 365.25 * DAY
MONTH: Final = YEAR / 12
