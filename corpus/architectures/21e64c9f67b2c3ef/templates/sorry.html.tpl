<!doctype html>
<title>Not in ${title}</title>
<h1>This puppet has left the stage.</h1>
