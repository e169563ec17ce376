variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "domain" {
  type    = string
  default = "hillside-clinic.example"
}

variable "sites" {
  description = "The network of each site."
  type        = map(string)
  default = {
    hill  = "10.80.0.0/16"
    river = "10.81.0.0/16"
  }
}

variable "main_site" {
  description = "The site with the resolver endpoints."
  type        = string
  default     = "hill"
}

variable "portal_addresses" {
  type = object({ outside = list(string), inside = list(string) })
  default = {
    outside = ["203.0.113.20", "203.0.113.21"]
    inside  = ["10.80.10.20"]
  }
}

variable "old_hospital" {
  description = "The network of the old hospital."
  type        = string
  default     = "192.168.40.0/24"
}

variable "rules" {
  description = "The servers that know a domain; none for the cloud's own."
  type        = map(object({ domain = string, servers = list(string) }))
  default = {
    old-hospital = { domain = "old-hospital.example", servers = ["192.168.40.5", "192.168.40.6"] }
    archive      = { domain = "archive.old-hospital.example", servers = [] }
  }
}

variable "blocked_domains" {
  type    = list(string)
  default = ["free-downloads.example", "*.lottery.example"]
}

variable "tags" {
  type = map(string)
  default = {
    Owner = "hillside-clinic"
  }
}
