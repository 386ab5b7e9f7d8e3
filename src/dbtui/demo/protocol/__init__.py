"""AWS's wire protocols as the demo needs them: requests in, replies and errors out."""
