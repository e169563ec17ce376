<html><body style="font-family: sans-serif">
%{ for paragraph in text ~}
<p>${paragraph}</p>
%{ endfor ~}
<p><small>${office}</small></p>
</body></html>
