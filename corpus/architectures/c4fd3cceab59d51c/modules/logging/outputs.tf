output "buckets" {
  value = { for name, bucket in aws_s3_bucket.this : name => bucket.id }
}

output "log_group_names" {
  value = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}

output "log_group_arns" {
  value = { for name, group in aws_cloudwatch_log_group.this : name => group.arn }
}

output "flow_role_arn" {
  value = aws_iam_role.flow.arn
}

output "metric_namespace" {
  value = var.name
}
