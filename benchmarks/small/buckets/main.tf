terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 3.39.0"
    }
  }
}

variable "name" {
  type    = string
  default = "documents"
}

resource "aws_s3_bucket" "documents" {
  bucket        = "lsqm-benchmark-${var.name}"
  force_destroy = true
}

resource "aws_s3_bucket_policy" "documents" {
  bucket = aws_s3_bucket.documents.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:DeleteBucket"
      Resource  = aws_s3_bucket.documents.arn
    }]
  })
}

resource "aws_s3_bucket_object" "notice" {
  bucket  = aws_s3_bucket.documents.id
  key     = "notice.txt"
  content = "read me"
}

resource "aws_sqs_queue" "arrivals" {
  name = var.name
}

resource "aws_sqs_queue_policy" "arrivals" {
  queue_url = aws_sqs_queue.arrivals.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.arrivals.arn
    }]
  })
}

output "bucket" {
  value = aws_s3_bucket.documents.id
}

output "queue_url" {
  value = aws_sqs_queue.arrivals.id
}
