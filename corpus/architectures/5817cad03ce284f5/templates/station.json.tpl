{
  "widgets": [
    {
      "type": "text", "x": 0, "y": 0, "width": 24, "height": 2,
      "properties": { "markdown": "# ${title}\nPlaces on the platform: **${places}**" }
    },
    {
      "type": "metric", "x": 0, "y": 2, "width": 12, "height": 6,
      "properties": {
        "title": "Waiting at ${title}",
        "region": "${region}",
        "view": "timeSeries",
        "metrics": [["${namespace}", "Waiting", "Station", "${station}", { "stat": "p90", "period": 300 }]],
        "annotations": { "horizontal": [{ "label": "full", "value": ${places} }] }
      }
    },
    {
      "type": "metric", "x": 12, "y": 2, "width": 12, "height": 6,
      "properties": {
        "title": "Riders of the line",
        "region": "${region}",
        "view": "singleValue",
        "metrics": [["${namespace}", "Riders", { "stat": "Sum", "period": 3600 }]]
      }
    },
    {
      "type": "alarm", "x": 0, "y": 8, "width": 24, "height": 3,
      "properties": { "title": "Alarms", "alarms": ${alarms} }
    }
  ]
}
