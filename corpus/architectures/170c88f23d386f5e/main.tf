# One FIFO queue with the policy that lets a single role of the account send to it.

provider "aws" {
  region = var.region
}

resource "aws_sqs_queue" "turns" {
  name                        = "chess-club-turns.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  max_message_size            = 1024
}

resource "aws_sqs_queue_policy" "turns" {
  queue_url = aws_sqs_queue.turns.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyPlayers"
      Effect    = "Allow"
      Principal = "*"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.turns.arn
      Condition = {
        ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/${var.player_role}" }
      }
    }]
  })
}
