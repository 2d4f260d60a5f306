"""What the live stream speaks, as data: one AsyncAPI document, made from the code that reads and writes messages."""
