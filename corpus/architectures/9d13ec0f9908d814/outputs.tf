output "saga_arn" {
  value = aws_sfn_state_machine.saga.arn
}

output "step_arns" {
  value = { for name, machine in aws_sfn_state_machine.step : name => machine.arn }
}

output "receipts_url" {
  value = aws_sqs_queue.receipts.id
}

output "box_office_url" {
  value = aws_sqs_queue.box_office.id
}

output "limits" {
  value = {
    card  = var.card_limit
    seats = var.hall_size
  }
}
