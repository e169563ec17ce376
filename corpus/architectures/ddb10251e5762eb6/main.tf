# Builds of a game studio: CodeBuild projects from one map with an artifact bucket, caches, images in ECR, shared settings, and a CloudTrail trail that says who changed them.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name    = "tiny-studio"
  account = data.aws_caller_identity.current.account_id

  buckets = {
    artifacts = 90
    trail     = 400
  }
}

resource "aws_s3_bucket" "this" {
  for_each = local.buckets

  bucket        = "${local.name}-${each.key}-${local.account}"
  force_destroy = true

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }

  lifecycle_rule {
    id      = "forget"
    enabled = true

    expiration {
      days = each.value
    }
  }
}

resource "aws_ecr_repository" "game" {
  name = "${local.name}/game-server"
}

resource "aws_ecr_repository_policy" "game" {
  repository = aws_ecr_repository.game.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "BuildsPush"
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.build.arn }
      Action    = ["ecr:PutImage", "ecr:UploadLayerPart", "ecr:InitiateLayerUpload"]
    }]
  })
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "build" {
  name               = "${local.name}-build"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "build" {
  statement {
    actions   = ["s3:PutObject", "s3:GetObject"]
    resources = ["${aws_s3_bucket.this["artifacts"].arn}/*"]
  }

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.builds.arn}:*"]
  }

  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ssm:GetParameters"]
    resources = [for parameter in aws_ssm_parameter.setting : parameter.arn]
  }
}

resource "aws_iam_role_policy" "build" {
  name   = "build"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}

resource "aws_cloudwatch_log_group" "builds" {
  name              = "/codebuild/${local.name}"
  retention_in_days = 30
}

resource "aws_ssm_parameter" "setting" {
  for_each = var.settings

  name  = "/${local.name}/build/${lower(each.key)}"
  type  = "String"
  value = each.value
}

resource "aws_codebuild_project" "this" {
  for_each = var.projects

  name          = "${local.name}-${each.key}"
  description   = each.value.about
  service_role  = aws_iam_role.build.arn
  build_timeout = each.value.minutes

  artifacts {
    type      = "S3"
    location  = aws_s3_bucket.this["artifacts"].id
    path      = each.key
    packaging = "ZIP"
    name      = "${each.key}.zip"
  }

  # The provider wants to know the cache's place before there is a bucket.
  cache {
    type     = "S3"
    location = "${local.name}-artifacts-${local.account}/cache/${each.key}"
  }

  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = each.value.compute
    image           = "aws/codebuild/standard:5.0"
    privileged_mode = each.value.docker

    environment_variable {
      name  = "REPOSITORY"
      value = aws_ecr_repository.game.repository_url
    }

    dynamic "environment_variable" {
      for_each = aws_ssm_parameter.setting

      content {
        name  = environment_variable.key
        value = environment_variable.value.name
        type  = "PARAMETER_STORE"
      }
    }
  }

  logs_config {
    cloudwatch_logs {
      group_name  = aws_cloudwatch_log_group.builds.name
      stream_name = each.key
    }
  }

  source {
    type      = "S3"
    location  = "${aws_s3_bucket.this["artifacts"].id}/sources/${each.key}.zip"
    buildspec = templatefile("${path.module}/buildspec.yml", { target = each.key, docker = each.value.docker })
  }
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "Look"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.this["trail"].arn]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }

  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this["trail"].arn}/builds/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-acl"
      values   = ["bucket-owner-full-control"]
    }
  }
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.this["trail"].id
  policy = data.aws_iam_policy_document.trail.json
}

resource "aws_cloudtrail" "changes" {
  name                       = "${local.name}-changes"
  s3_bucket_name             = aws_s3_bucket.this["trail"].id
  s3_key_prefix              = "builds"
  is_multi_region_trail      = true
  enable_log_file_validation = true
  depends_on                 = [aws_s3_bucket_policy.trail]
}
