"""What the tests do with it: The organization of a university: units in two levels,
service control policies attached where they count, and GuardDuty with filters
that quieten known noise."""


def holding(answer, value):
    """The innermost object of an answer that has this value, or None."""
    inside = answer.values() if isinstance(answer, dict) else answer
    for part in inside:
        if isinstance(part, dict | list) and (found := holding(part, value)):
            return found
    if isinstance(answer, dict) and value in answer.values():
        return answer
    return value if value in inside else None
