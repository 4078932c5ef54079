"""Guardrails for any Pulumi program on AWS; imports nothing of the program it judges.

`reading` looks at properties without ever mistaking an unknown for a value, `kinds` names the types, `graph` joins
resources, `network`, `firewall` and `documents` normalise what AWS lets people write in many ways, `controls` are pure
functions over those, `run` evaluates them and `pack` hands the verdicts to Pulumi.
"""
