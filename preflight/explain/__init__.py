"""What a control, a resource or an error of preflight is about, why it is there, and what to do."""
