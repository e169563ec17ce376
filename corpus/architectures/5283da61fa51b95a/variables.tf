variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "workgroups" {
  description = "The workgroups, and how many megabytes a query may read."
  type        = map(number)

  default = {
    auditors = 500
    public   = 10
  }
}

variable "quota_kilos" {
  type    = number
  default = 2500
}

variable "tags" {
  type = map(string)
  default = {
    Harbour = "north"
  }
}
