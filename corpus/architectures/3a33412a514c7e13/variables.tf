variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "account_alias" {
  description = "Account aliases are global."
  type        = string
  default     = "botanical-garden-5d21"
}

variable "identity_providers" {
  type = map(object({ url = string, audiences = list(string), thumbprints = list(string) }))
  default = {
    builds = {
      url         = "https://token.builds.example"
      audiences   = ["sts.amazonaws.com"]
      thumbprints = ["0123456789abcdef0123456789abcdef01234567"]
    }
    tablets = {
      url         = "https://login.garden.example/tablets"
      audiences   = ["bloom-diary", "bloom-diary-beta"]
      thumbprints = ["89abcdef0123456789abcdef0123456789abcdef"]
    }
  }
}

variable "repository" {
  description = "The repository whose build jobs may publish."
  type        = string
  default     = "botanical-garden/catalogue"
}

variable "staff" {
  description = "The people of each group."
  type        = map(list(string))
  default = {
    gardeners = ["flora", "basil"]
    curators  = ["linnea", "flora"]
  }
}

variable "allowed_regions" {
  type    = list(string)
  default = ["eu-west-1", "eu-central-1"]
}

variable "tags" {
  type = map(string)
  default = {
    Owner = "botanical-garden"
  }
}
