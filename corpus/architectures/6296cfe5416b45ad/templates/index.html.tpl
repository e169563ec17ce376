<!doctype html>
<html lang="en">
<head><title>${title}</title><link rel="stylesheet" href="style.css"></head>
<body>
<h1>${title}</h1>
<ul>
%{ for key, name in rooms ~}
<li><a href="rooms/${key}/">${name}</a></li>
%{ endfor ~}
</ul>
</body>
</html>
