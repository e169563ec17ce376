output "stacks" {
  value = concat([for stack in aws_cloudformation_stack.orchard : stack.name], [aws_cloudformation_stack.market.name])
}

output "bin_parameters" {
  value = { for bin, parameter in aws_ssm_parameter.bin : bin => parameter.name }
}

output "market_parameters" {
  value = { for name, parameter in aws_ssm_parameter.market : name => parameter.name }
}

output "price_list" {
  value = aws_cloudformation_stack.market.outputs["PriceList"]
}

output "topic_arn" {
  value = aws_cloudformation_stack.market.outputs["TopicArn"]
}

output "windfall_arns" {
  value = { for orchard, stack in aws_cloudformation_stack.orchard : orchard => stack.outputs["WindfallArn"] }
}
