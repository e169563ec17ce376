output "distribution_id" {
  value = aws_cloudfront_distribution.paper.id
}

output "domain_name" {
  value = aws_cloudfront_distribution.paper.domain_name
}

output "bucket" {
  value = aws_s3_bucket.pages.id
}

output "web_acl_arn" {
  value = aws_wafv2_web_acl.edge.arn
}

output "pages" {
  value = keys(aws_s3_bucket_object.page)
}
