"""What a person and the workflows do with a real account: preview, plan, deploy, compare, report.

Declares no resource and imports nothing of the program: it starts `pulumi` and `preflight` as programs and reads what
they print. See docs/operating.md.
"""
