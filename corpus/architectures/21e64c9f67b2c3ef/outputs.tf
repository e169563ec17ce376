output "city_buckets" {
  value = { for city, bucket in aws_s3_bucket.city : city => bucket.id }
}

output "recording_buckets" {
  value = aws_s3_bucket.recordings[*].id
}

output "uploads_bucket" {
  value = aws_s3_bucket.uploads.id
}

output "files" {
  value = sort(local.files)
}

output "pages" {
  value = {
    for city in keys(var.cities) : city => concat(
      [aws_s3_bucket_object.index[city].key],
      [for name, page in aws_s3_bucket_object.sorry : page.key if name == city],
    )
  }
}
