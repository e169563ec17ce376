<!doctype html>
<html lang="en">
<head><title>Strings &amp; Shadows in ${title}</title><link rel="stylesheet" href="style.css"></head>
<body>
<h1>Strings &amp; Shadows in ${title}</h1>
<ul>
%{ for show in shows ~}
<li>${show}</li>
%{ endfor ~}
</ul>
%{ if length(others) > 0 ~}
<p>Afterwards we travel to ${join(", ", others)}.</p>
%{ endif ~}
<p>%{ for file in files }<a href="${file}">${basename(file)}</a> %{ endfor }</p>
</body>
</html>
