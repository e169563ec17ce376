"""What people and programs see of a run, made from the records alone; nothing is judged here."""
