def reserve(table, items):
    return [item for item in items if "Item" not in table.get_item(Key={"id": item})]
