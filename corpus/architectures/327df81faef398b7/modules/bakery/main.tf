resource "aws_sns_topic" "orders" {
  name = "${var.name}-orders"
}

resource "aws_dynamodb_table" "batches" {
  name         = "${var.name}-batches"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "batch"

  attribute {
    name = "batch"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_ssm_parameter" "opens_at" {
  name  = "/${var.name}/opens-at"
  type  = "String"
  value = var.opens_at
}

module "oven" {
  source   = "../oven"
  for_each = var.ovens

  name      = "${var.name}-${each.key}"
  celsius   = each.value
  product   = each.key
  topic_arn = aws_sns_topic.orders.arn
}
