variable "name" {
  type = string
}

variable "service" {
  description = "Who may assume the role."
  type        = string
}

variable "statements" {
  description = "Statement id to what it allows."
  type = map(object({
    actions   = list(string)
    resources = list(string)
  }))
}

variable "tags" {
  type    = map(string)
  default = {}
}
