{
  "widgets": [
    {
      "type": "metric",
      "x": 0,
      "y": 0,
      "width": 12,
      "height": 6,
      "properties": {
        "title": "Errors",
        "region": "${region}",
        "stat": "Sum",
        "period": 60,
        "metrics": ${jsonencode([for metric in metrics : [namespace, metric]])}
      }
    }
  ]
}
