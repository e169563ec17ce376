output "state_machine_arn" {
  value = aws_sfn_state_machine.translate.arn
}

output "functions" {
  value = { for name, step in module.step : name => step.name }
}
