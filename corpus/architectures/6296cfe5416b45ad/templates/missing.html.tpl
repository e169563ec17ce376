<!doctype html>
<html lang="en">
<head><title>Not on display | ${title}</title></head>
<body><h1>This page is not on display.</h1></body>
</html>
