output "root" {
  value = local.root
}

output "flag_names" {
  value = sort(concat(
    [for p in aws_ssm_parameter.open : p.name],
    [for p in aws_ssm_parameter.secret : p.name],
  ))
}

output "key_aliases" {
  value = { for stage, alias in aws_kms_alias.stage : stage => alias.name }
}

output "policy_arns" {
  value = {
    for stage in keys(var.stages) : stage => {
      reader   = aws_iam_policy.reader[stage].arn
      switcher = aws_iam_policy.switcher[stage].arn
    }
  }
}
