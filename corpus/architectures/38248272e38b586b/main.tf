# A newspaper at the edge: a CloudFront distribution with a bucket's website and an origin of its own for the weather, guarded by a WAF with rate and address rules.

# CloudFront's certificates, logs and web ACLs all live in this one region.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

locals {
  name      = "morning-paper"
  origin_id = "pages"
}

resource "aws_s3_bucket" "pages" {
  bucket        = "${local.name}-pages-${data.aws_caller_identity.current.account_id}"
  force_destroy = true

  website {
    index_document = "index.html"
    error_document = "lost.html"
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

# The bucket answers as a website, but only to who knows the word.

data "aws_iam_policy_document" "pages" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.pages.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:Referer"
      values   = [var.word]
    }
  }
}

resource "aws_s3_bucket_policy" "pages" {
  bucket = aws_s3_bucket.pages.id
  policy = data.aws_iam_policy_document.pages.json
}

resource "aws_s3_bucket_object" "page" {
  for_each = fileset("${path.module}/pages", "*.html")

  bucket        = aws_s3_bucket.pages.id
  key           = each.value
  content       = templatefile("${path.module}/pages/${each.value}", { title = var.title })
  content_type  = "text/html; charset=utf-8"
  cache_control = "max-age=${each.value == "index.html" ? 60 : 86400}"
}

resource "aws_wafv2_ip_set" "scrapers" {
  name               = "${local.name}-scrapers"
  scope              = "CLOUDFRONT"
  ip_address_version = "IPV4"
  addresses          = var.scrapers
}

resource "aws_wafv2_web_acl" "edge" {
  name  = local.name
  scope = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "scrapers"
    priority = 1

    action {
      block {}
    }

    dynamic "statement" {
      for_each = [aws_wafv2_ip_set.scrapers.arn]

      content {
        ip_set_reference_statement {
          arn = statement.value
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "scrapers"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "rate"
    priority = 2

    action {
      block {}
    }

    dynamic "statement" {
      for_each = [var.requests_in_five_minutes]

      content {
        rate_based_statement {
          limit              = statement.value
          aggregate_key_type = "IP"
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = false
  }
}

resource "aws_cloudfront_distribution" "paper" {
  enabled             = true
  comment             = local.name
  default_root_object = "index.html"
  price_class         = "PriceClass_100"
  web_acl_id          = aws_wafv2_web_acl.edge.arn

  # Deploying to the edge takes its time; nobody waits for it here.
  wait_for_deployment = false

  origin {
    origin_id   = local.origin_id
    domain_name = aws_s3_bucket.pages.website_endpoint

    # A website endpoint speaks no TLS.
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }

    custom_header {
      name  = "Referer"
      value = var.word
    }
  }

  origin {
    origin_id   = "weather"
    domain_name = var.weather_host

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = local.origin_id
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    compress               = true
    default_ttl            = 3600

    forwarded_values {
      query_string = false

      cookies {
        forward = "none"
      }
    }
  }

  ordered_cache_behavior {
    path_pattern           = "/weather/*"
    target_origin_id       = "weather"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]
    min_ttl                = 0
    default_ttl            = 30
    max_ttl                = 60

    forwarded_values {
      query_string = true
      headers      = ["Accept-Language"]

      cookies {
        forward = "none"
      }
    }
  }

  dynamic "custom_error_response" {
    for_each = [403, 404]

    content {
      error_code            = custom_error_response.value
      response_code         = 404
      response_page_path    = "/lost.html"
      error_caching_min_ttl = 10
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.countries) > 0 ? "whitelist" : "none"
      locations        = var.countries
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
