variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "owner" {
  type    = string
  default = "dispensary"
}

variable "prefix" {
  description = "Where in the bucket the history is kept."
  type        = string
  default     = "history"
}

variable "frequency" {
  type    = string
  default = "Six_Hours"
}

variable "password_length" {
  type    = number
  default = 14
}

variable "required_tags" {
  type    = list(string)
  default = ["Project", "Owner"]
}

variable "resource_types" {
  description = "What is recorded."
  type        = list(string)
  default     = ["AWS::EC2::Volume", "AWS::EC2::Instance", "AWS::S3::Bucket"]
}
