The booking tells staff when its reminder brings the join link.
