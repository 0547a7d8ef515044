def helper(event):
    return event
