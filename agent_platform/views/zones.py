"""The time zones that people choose from: those of the time zone database of this machine."""

from zoneinfo import available_timezones

ZONES = tuple(sorted(available_timezones() - {"localtime", "posixrules"}))
