output "projects" {
  value = { for key, project in aws_codebuild_project.this : key => project.name }
}

output "buckets" {
  value = { for key, bucket in aws_s3_bucket.this : key => bucket.id }
}

output "trail" {
  value = aws_cloudtrail.changes.name
}

output "repository" {
  value = aws_ecr_repository.game.name
}

output "role_arn" {
  value = aws_iam_role.build.arn
}
