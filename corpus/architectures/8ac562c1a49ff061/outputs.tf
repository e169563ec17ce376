output "regions" {
  value = { near = var.region, far = var.far_region }
}

output "table_name" {
  value = aws_dynamodb_table.near.name
}

output "table_arns" {
  value = { near = aws_dynamodb_table.near.arn, far = aws_dynamodb_table.far.arn }
}

output "stream_arns" {
  value = { near = aws_dynamodb_table.near.stream_arn, far = aws_dynamodb_table.far.stream_arn }
}

output "berths" {
  value = { for pier, berth in var.berths : pier => berth.ship }
}
