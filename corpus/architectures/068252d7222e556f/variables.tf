variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "cidr_block" {
  type    = string
  default = "10.60.0.0/20"
}

variable "analyst_networks" {
  description = "Networks from which the warehouse may be asked."
  type        = list(string)
  default     = ["10.61.0.0/24", "10.62.0.0/24"]
}

variable "port" {
  type    = number
  default = 5440
}

variable "master_password" {
  description = "Only for an emulator; pass another one where it matters."
  type        = string
  default     = "Quayside-7-lanterns"
  sensitive   = true
}
