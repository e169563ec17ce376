provider "aws" {
  region = var.region
}

locals {
  site_bucket = "${var.bucket_prefix}-site"
  logs_bucket = "${var.bucket_prefix}-logs"

  content_types = {
    css = "text/css"
    svg = "image/svg+xml"
    txt = "text/plain"
  }

  rooms = {
    minerals = "Minerals and gems"
    whales   = "The hall of whales"
    clocks   = "Clocks and automata"
  }

  assets = fileset("${path.module}/assets", "**")
}

resource "aws_s3_bucket" "logs" {
  bucket        = local.logs_bucket
  force_destroy = true
  tags          = var.tags

  lifecycle_rule {
    id      = "forget-old-logs"
    enabled = true
    prefix  = "access/"

    expiration {
      days = var.log_retention_days
    }
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket = aws_s3_bucket.logs.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "LogDelivery"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/access/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json

  depends_on = [aws_s3_bucket_public_access_block.logs]
}

resource "aws_s3_bucket" "site" {
  bucket        = local.site_bucket
  force_destroy = true
  tags          = var.tags

  website {
    index_document = "index.html"
    error_document = "missing.html"

    routing_rules = jsonencode([{
      Condition = { KeyPrefixEquals = "exhibits/" }
      Redirect  = { ReplaceKeyPrefixWith = "rooms/" }
    }])
  }

  logging {
    target_bucket = aws_s3_bucket.logs.id
    target_prefix = "access/"
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket = aws_s3_bucket.site.id

  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "site" {
  statement {
    sid       = "VisitorsMayRead"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.site.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  bucket = aws_s3_bucket.site.id
  policy = data.aws_iam_policy_document.site.json

  depends_on = [aws_s3_bucket_public_access_block.site]
}

resource "aws_s3_bucket_object" "index" {
  bucket        = aws_s3_bucket.site.id
  key           = "index.html"
  content_type  = "text/html; charset=utf-8"
  cache_control = "max-age=300"

  content = templatefile("${path.module}/templates/index.html.tpl", {
    title = var.title
    rooms = local.rooms
  })
}

resource "aws_s3_bucket_object" "missing" {
  bucket       = aws_s3_bucket.site.id
  key          = "missing.html"
  content_type = "text/html; charset=utf-8"
  content      = templatefile("${path.module}/templates/missing.html.tpl", { title = var.title })
}

resource "aws_s3_bucket_object" "room" {
  for_each = local.rooms

  bucket       = aws_s3_bucket.site.id
  key          = "rooms/${each.key}/index.html"
  content_type = "text/html; charset=utf-8"

  content = templatefile("${path.module}/templates/room.html.tpl", {
    title = var.title
    room  = each.value
  })
}

resource "aws_s3_bucket_object" "asset" {
  for_each = local.assets

  bucket       = aws_s3_bucket.site.id
  key          = each.value
  source       = "${path.module}/assets/${each.value}"
  etag         = filemd5("${path.module}/assets/${each.value}")
  content_type = lookup(local.content_types, reverse(split(".", each.value))[0], "application/octet-stream")
}
