# A puppet festival's buckets: a website per city written from templates, numbered shards for recordings, an upload bucket with CORS, and policies that follow from what each is for.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  extension_types = {
    svg = "image/svg+xml"
    css = "text/css; charset=utf-8"
    csv = "text/csv; charset=utf-8"
  }

  files = fileset("${path.module}/files", "**/*.{svg,css,csv}")

  # Every city gets every file: one object per pair.
  copies = {
    for pair in setproduct(keys(var.cities), local.files) :
    "${pair[0]}/${pair[1]}" => { city = pair[0], file = pair[1] }
  }
}

# A public site per city.

resource "aws_s3_bucket" "city" {
  for_each = var.cities

  bucket        = "${var.bucket_prefix}-${each.key}"
  force_destroy = true
  tags          = merge(var.tags, { City = each.value.title })

  website {
    index_document = "index.html"
    error_document = each.value.error_page ? "sorry.html" : "index.html"
  }

  dynamic "cors_rule" {
    for_each = each.value.embedded_by

    content {
      allowed_methods = ["GET", "HEAD"]
      allowed_origins = [cors_rule.value]
      max_age_seconds = 3600
    }
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "city" {
  for_each = aws_s3_bucket.city

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}

data "aws_iam_policy_document" "city" {
  for_each = aws_s3_bucket.city

  statement {
    sid       = "AnybodyReads"
    actions   = ["s3:GetObject"]
    resources = ["${each.value.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_s3_bucket_policy" "city" {
  for_each = aws_s3_bucket.city

  bucket = each.value.id
  policy = data.aws_iam_policy_document.city[each.key].json

  # A public policy is refused for as long as the block is still the strict one.
  depends_on = [aws_s3_bucket_public_access_block.city]
}

resource "aws_s3_bucket_object" "index" {
  for_each = var.cities

  bucket       = aws_s3_bucket.city[each.key].id
  key          = "index.html"
  content_type = "text/html; charset=utf-8"

  content = templatefile("${path.module}/templates/index.html.tpl", {
    title  = each.value.title
    shows  = each.value.shows
    others = [for city, details in var.cities : details.title if city != each.key]
    files  = local.files
  })
}

resource "aws_s3_bucket_object" "sorry" {
  for_each = { for city, details in var.cities : city => details if details.error_page }

  bucket       = aws_s3_bucket.city[each.key].id
  key          = "sorry.html"
  content_type = "text/html; charset=utf-8"
  content      = templatefile("${path.module}/templates/sorry.html.tpl", { title = each.value.title })
}

resource "aws_s3_bucket_object" "file" {
  for_each = local.copies

  bucket        = aws_s3_bucket.city[each.value.city].id
  key           = each.value.file
  source        = "${path.module}/files/${each.value.file}"
  etag          = filemd5("${path.module}/files/${each.value.file}")
  content_type  = local.extension_types[regex("[^.]+$", each.value.file)]
  cache_control = "public, max-age=86400"
}

# Recordings are spread over numbered buckets and grow cold.

resource "aws_s3_bucket" "recordings" {
  count = var.recording_shards

  bucket        = format("%s-recordings-%02d", var.bucket_prefix, count.index)
  force_destroy = true
  tags          = merge(var.tags, { Shard = tostring(count.index) })

  versioning {
    enabled = true
  }

  lifecycle_rule {
    id      = "grow-cold"
    enabled = true
    prefix  = "takes/"

    dynamic "transition" {
      for_each = var.recording_transitions

      content {
        days          = transition.value
        storage_class = transition.key
      }
    }

    noncurrent_version_expiration {
      days = 14
    }
  }

  lifecycle_rule {
    id                                     = "forget-broken-uploads"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 2
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "recordings" {
  count = var.recording_shards

  bucket                  = aws_s3_bucket.recordings[count.index].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Puppeteers upload from the browser, and only over encrypted connections.

resource "aws_s3_bucket" "uploads" {
  bucket        = "${var.bucket_prefix}-uploads"
  force_destroy = true
  tags          = var.tags

  cors_rule {
    allowed_headers = ["Content-Type", "x-amz-*"]
    allowed_methods = ["PUT", "POST"]
    allowed_origins = [for city in keys(var.cities) : "https://${city}.${var.domain}"]
    expose_headers  = ["ETag"]
    max_age_seconds = 600
  }

  lifecycle_rule {
    id      = "inbox"
    enabled = true
    prefix  = "inbox/"

    expiration {
      days = 7
    }
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

data "aws_iam_policy_document" "uploads" {
  statement {
    sid       = "OwnAccountOnly"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.uploads.arn}/inbox/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "EncryptedConnectionsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.uploads.arn, "${aws_s3_bucket.uploads.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}

resource "aws_s3_bucket_policy" "uploads" {
  bucket = aws_s3_bucket.uploads.id
  policy = data.aws_iam_policy_document.uploads.json
}
