package io.github.hydragen.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

class PlotTest {
  private static Document parse(String svg) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg)));
    } catch (ParserConfigurationException | SAXException | IOException e) {
      throw new AssertionError(svg, e);
    }
  }

  private static List<String> texts(Document svg) {
    NodeList found = svg.getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      texts.add(found.item(i).getTextContent());
    }
    return texts;
  }

  private static double x(Document svg, String tip) {
    NodeList dots = svg.getElementsByTagName("circle");
    for (int i = 0; i < dots.getLength(); i++) {
      if (dots.item(i).getTextContent().equals(tip)) {
        return Double.parseDouble(((Element) dots.item(i)).getAttribute("cx"));
      }
    }
    throw new AssertionError("no dot " + tip);
  }

  @Test
  void dotsLieWhereTheirValuesAre() {
    DotPlot plot = new DotPlot("A & B <here>", "ms", true);
    plot.add("first", "ours", 1);
    plot.add("first", "theirs", 10);
    plot.add("second", "theirs", 100);
    Document svg = parse(plot.draw());
    assertTrue(texts(svg).containsAll(List.of("A & B <here>", "first", "second", "10", "100")));
    double ours = x(svg, "ours: 1.00 ms");
    double theirs = x(svg, "theirs: 10.0 ms");
    assertEquals(theirs - ours, x(svg, "theirs: 100 ms") - theirs, 0.11);
    assertTrue(theirs > ours);
  }

  @Test
  void aDescriptionTellsAllValues() {
    DotPlot plot = new DotPlot("Title", "ms", false);
    plot.add("row", "ours", 1.5);
    String description = parse(plot.draw()).getElementsByTagName("desc").item(0).getTextContent();
    assertEquals("row: ours 1.50. In ms.", description);
  }

  @Test
  void linesAreProportional() {
    LinePlot plot = new LinePlot("Title", "tokens", "ms");
    plot.add("ours", 20, 4);
    plot.add("ours", 10, 2);
    Document svg = parse(plot.draw());
    Element line = (Element) svg.getElementsByTagName("polyline").item(0);
    double[] points =
        Pattern.compile("[ ,]")
            .splitAsStream(line.getAttribute("points"))
            .mapToDouble(Double::parseDouble)
            .toArray();
    double left = 64;
    double bottom = 324;
    double near = points[0] - left;
    double far = points[2] - left;
    assertEquals(2, far / near, 0.01);
    double low = bottom - points[1];
    double high = bottom - points[3];
    assertEquals(2, high / low, 0.01);
  }

  @Test
  void nothingMeasuredIsAnEmptyPlot() {
    assertTrue(texts(parse(new DotPlot("Title", "ms", true).draw())).contains("Title"));
    assertTrue(texts(parse(new LinePlot("Title", "x", "y").draw())).contains("Title"));
  }
}
