"""What the autoscaling of a recorded ECS service would do under a load: a model, a simulator, a report. Pure.

It reads the policies from the recording of a stack, so it works on any program. What it takes for granted about AWS is
listed in docs/scaling.md.
"""
