from sub import helper


def handler(event, context):
    return helper(event)
