output "site_bucket" {
  value = aws_s3_bucket.site.id
}

output "logs_bucket" {
  value = aws_s3_bucket.logs.id
}

output "pages" {
  value = concat(["index.html", "missing.html"], [for page in aws_s3_bucket_object.room : page.key])
}

output "assets" {
  value = [for asset in aws_s3_bucket_object.asset : asset.key]
}
