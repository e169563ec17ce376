output "bastion_address" {
  value = aws_eip.bastion.public_ip
}

output "bastion_id" {
  value = aws_instance.bastion.id
}

output "renderer_ids" {
  value = aws_instance.renderer[*].id
}

output "renderer_addresses" {
  value = aws_instance.renderer[*].private_ip
}

output "launch_template_id" {
  value = aws_launch_template.renderer.id
}

output "security_group_ids" {
  value = { for name, group in aws_security_group.this : name => group.id }
}

output "flows" {
  description = "Which group connects to which, and on what port."
  value       = local.flows
}

output "frame_volume_ids" {
  value = aws_ebs_volume.frames[*].id
}

output "storage_address" {
  value = aws_network_interface.storage.private_ip
}

output "key_name" {
  value = aws_key_pair.artists.key_name
}
