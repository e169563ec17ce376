<!doctype html>
<html lang="en">
<head><title>${room} | ${title}</title><link rel="stylesheet" href="../../style.css"></head>
<body><h1>${room}</h1></body>
</html>
