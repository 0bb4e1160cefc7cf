"""A replay of a small list in `file`, for tests of results and pictures."""

REPLAY = """
name: a replay
start: first lead
horizon: last lead + 2 w
channels:
  leads:
    arrivals:
      replay:
        file: {file}
        columns: {{time: when, channel: source, value: amount}}
        outcome: {{column: status, won: yes, at: closed}}
stages:
  call: {{team: sdr, duration: 1 h, exits: {{won: 50%, lost: {{rest: true}}}}}}
  won: {{terminal: won}}
  lost: {{terminal: lost}}
teams:
  sdr: {{reps: 1}}
"""
