variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "flags" {
  description = "The flags: what they are for, and how they stand by default."

  type = map(object({
    about   = string
    default = string
    secret  = bool
  }))

  default = {
    doors-by-request = {
      about   = "Doors open only where somebody wants to get on or off"
      default = "off"
      secret  = false
    }

    lines-with-new-displays = {
      about   = "Lines whose stops show the new displays"
      default = "none"
      secret  = false
    }

    share-of-quiet-bells = {
      about   = "Part of the trams that ring more quietly"
      default = "0%"
      secret  = false
    }

    ticket-inspection-key = {
      about   = "Signs the inspectors' tickets"
      default = "not-yet-set"
      secret  = true
    }
  }
}

variable "stages" {
  description = "The stages, and the flags that stand differently there."
  type        = map(map(string))

  default = {
    depot = {
      doors-by-request        = "on"
      lines-with-new-displays = "1,4,9"
      ticket-inspection-key   = "depot-only"
    }

    live = {
      lines-with-new-displays = "4"
      share-of-quiet-bells    = "12.5%"
    }
  }
}
