variable "region" {
  type    = string
  default = "us-west-2"
}

variable "production" {
  type    = string
  default = "snow-owl"
}

variable "cidr_block" {
  type    = string
  default = "10.90.0.0/20"
}

variable "image_name" {
  type    = string
  default = "amzn2-ami-hvm-*"
}

variable "renderer_type" {
  type    = string
  default = "c5.large"
}

variable "renderers" {
  type    = number
  default = 3
}

variable "frames_gigabytes" {
  type    = number
  default = 40
}

variable "artists" {
  description = "The networks from which artists connect."
  type        = list(string)
  default     = ["198.51.100.0/24", "203.0.113.64/26"]
}

variable "public_key" {
  description = "An example whose private half was thrown away."
  type        = string
  default     = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCiEC3lVehfboLdDHdpcfsacGYKQqhcsie0T4xgc8xEyUQmdFsgL3BAQ+aFQntsqHCzwzX7XBPnHgKS9gO6qb3uRfc48es96dgb0xL4okkWihRWl56Wyc32SdVSM8zacuCZY8k6moh9opyp/UP8WoRqPW7Liy+FB+XJ5b7Vj8h74O/vTOdsqXz/j4wQ784bZxGRRMUl07BTD4MhHBJaVm8LeTlaKRKPa/k74YOXxbq+supcycx2lUJlIv3yRUsOiMOMTp9vkfyzksr0uJnmWOCTx54DJ8RIm/4sYnxNxTYWea29eGnA0ksrTFwWd7osLwcklVzDMvDZ+dRvFHbWHYsF artists@studio.example"
}
