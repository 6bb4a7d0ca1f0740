//! Pages of a list, in ONe's five incompatible styles. Pages are counted from 1, which looks so in the
//! examples; rows from 0 (*inferred*).

use super::parameters::Parameters;
use super::refusal::Refusal;
use axum::Json;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

/// Rows on a page when the request does not say; made up.
const DEFAULT_SIZE: usize = 100;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    rows: Vec<T>,
    total: usize,
    number: usize,
    size: usize,
}

impl Parameters {
    /// The page that `pageNumber` and `pageSize` ask for; each may be absent unless it was required. A larger
    /// page than the simulator's `max_page_size` is cut to that without a word.
    pub(super) fn page<T>(&self, all: Vec<T>) -> Result<Page<T>, Refusal> {
        let number = self.count("pageNumber", 1)?;
        let size = self.count("pageSize", DEFAULT_SIZE)?.min(self.max_page_size);
        if number == 0 || size == 0 {
            return Err(Refusal::malformed("pageNumber and pageSize are counted from 1"));
        }
        let total = all.len();
        let rows = all.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect();
        Ok(Page { rows, total, number, size })
    }

    /// Style P4: `rows` rows from the parameter `first` (`start` or `offset`) on, as a bare array. No answer
    /// of this style is shown anywhere (*inferred*).
    pub(super) fn rows<T>(&self, first: &str, all: Vec<T>) -> Result<Json<Vec<T>>, Refusal> {
        let size = self.count("rows", DEFAULT_SIZE)?.min(self.max_page_size);
        let first = self.count(first, 0)?;
        Ok(Json(all.into_iter().skip(first).take(size).collect()))
    }

    pub(super) fn count(&self, name: &str, absent: usize) -> Result<usize, Refusal> {
        Ok(self.number(name)?.map_or(absent, |number| usize::try_from(number).unwrap_or(usize::MAX)))
    }
}

impl<T: Serialize> Page<T> {
    /// Style P1: `{items, totalItems, pageNumber, totalPages, pageSize, nextPage}`. `nextPage` is null on the
    /// last page (*example*), otherwise the number of the next one (*inferred*).
    pub(super) fn items(self) -> Json<Items<T>> {
        let total_pages = self.total.div_ceil(self.size);
        Json(Items {
            next_page: (self.number < total_pages).then_some(self.number + 1),
            items: self.rows,
            total_items: self.total,
            page_number: self.number,
            total_pages,
            page_size: self.size,
        })
    }

    /// Style P2: `{listElement, totalElement, items}`, the same rows twice. What follows was not seen.
    pub(super) fn list_element(self) -> Json<ListElement<T>> {
        Json(ListElement { rows: self.rows, total: self.total })
    }

    /// Style P3: a bare array.
    pub(super) fn bare(self) -> Json<Vec<T>> {
        Json(self.rows)
    }

    /// Style P5: `{total, elements}`.
    pub(super) fn elements(self) -> Json<Elements<T>> {
        Json(Elements { total: self.total, elements: self.rows })
    }
}

/// Style P1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Items<T> {
    items: Vec<T>,
    total_items: usize,
    page_number: usize,
    total_pages: usize,
    page_size: usize,
    next_page: Option<usize>,
}

/// Style P2.
pub(super) struct ListElement<T> {
    rows: Vec<T>,
    total: usize,
}

impl<T: Serialize> Serialize for ListElement<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut answer = to.serialize_struct("ListElement", 3)?;
        answer.serialize_field("listElement", &self.rows)?;
        answer.serialize_field("totalElement", &self.total)?;
        answer.serialize_field("items", &self.rows)?;
        answer.end()
    }
}

/// Style P5.
#[derive(Serialize)]
pub(super) struct Elements<T> {
    total: usize,
    elements: Vec<T>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(given: &[(&str, &str)]) -> Parameters {
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters::check(given, &[], &[], false, 3).unwrap()
    }

    fn page(number: &str, size: &str) -> Page<u8> {
        given(&[("pageNumber", number), ("pageSize", size)]).page((1..=5).collect()).unwrap()
    }

    fn told<T: Serialize>(answer: &Json<T>) -> serde_json::Value {
        serde_json::to_value(&answer.0).unwrap()
    }

    #[test]
    fn a_page_is_told_in_the_style_of_its_resource() {
        let p1 = json!({
            "items": [3, 4], "totalItems": 5, "pageNumber": 2, "totalPages": 3, "pageSize": 2, "nextPage": 3,
        });
        assert_eq!(told(&page("2", "2").items()), p1);
        assert_eq!(told(&page("3", "2").items())["nextPage"], json!(null));
        let p2 = json!({ "listElement": [5], "totalElement": 5, "items": [5] });
        assert_eq!(told(&page("3", "2").list_element()), p2);
        assert_eq!(told(&page("4", "2").bare()), json!([]));
        assert_eq!(told(&page("1", "1").elements()), json!({ "total": 5, "elements": [1] }));
    }

    #[test]
    fn a_page_that_is_too_large_is_cut_without_a_word() {
        assert_eq!(told(&page("1", "50").bare()), json!([1, 2, 3]));
        assert_eq!(told(&page("2", "50").bare()), json!([4, 5]), "the next page follows the smaller one");
    }

    #[test]
    fn rows_are_counted_from_nought() {
        let all: Vec<u8> = (1..=5).collect();
        let asked = given(&[("rows", "2"), ("start", "1"), ("offset", "4")]);
        assert_eq!(told(&asked.rows("start", all.clone()).unwrap()), json!([2, 3]));
        assert_eq!(told(&asked.rows("offset", all).unwrap()), json!([5]));
    }

    #[test]
    fn page_nought_is_refused() {
        assert!(given(&[("pageNumber", "0")]).page(vec![1]).is_err());
    }
}
