//! Where a place in a view lies in the original text.

/// Offsets of a view in the original. Between two points both run alike.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// Offset in the view, offset in the original; both rise.
    points: Vec<(u32, u32)>,
}

impl Map {
    /// What the view holds from `view` on comes from `origin`.
    pub(crate) fn point(&mut self, view: usize, origin: usize) {
        let (view, origin) = (narrow(view), narrow(origin));
        let runs_on = match self.points.last() {
            Some(&(at, from)) => origin.wrapping_sub(from) == view.wrapping_sub(at),
            None => view == origin,
        };
        if !runs_on {
            self.points.push((view, origin));
        }
    }

    /// Forgets the points after `view`, whose text was taken back.
    pub(crate) fn cut(&mut self, view: usize) {
        let view = narrow(view);
        while self.points.last().is_some_and(|&(at, _)| at > view) {
            self.points.pop();
        }
    }

    /// The place in the original that `view` stands for.
    pub(crate) fn origin(&self, view: usize) -> usize {
        let view = narrow(view);
        self.between(view, self.points.partition_point(|&(at, _)| at <= view))
    }

    /// The same for a place near the end.
    pub(crate) fn latest(&self, view: usize) -> usize {
        let view = narrow(view);
        let before = self.points.iter().rposition(|&(at, _)| at <= view);
        self.between(view, before.map_or(0, |before| before + 1))
    }

    /// The same for a place before the point with this number, and not before the last.
    fn between(&self, view: u32, after: usize) -> usize {
        let (at, from) = match after.checked_sub(1) {
            Some(before) => self.points[before],
            None => (0, 0),
        };
        let plain = from + (view - at);
        let origin = match self.points.get(after) {
            Some(&(_, next)) => plain.min(next),
            None => plain,
        };
        origin as usize
    }
}

/// Texts are cut long before four gigabytes.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Map;

    #[test]
    fn an_untouched_view_is_its_own_original() {
        assert_eq!(Map::default().origin(17), 17);
    }

    #[test]
    fn a_place_after_a_removed_character_lies_further_on() {
        let mut map = Map::default();
        map.point(0, 0);
        map.point(4, 7);
        assert_eq!(map.origin(3), 3);
        assert_eq!(map.origin(4), 7);
        assert_eq!(map.origin(6), 9);
    }

    #[test]
    fn a_longer_spelling_does_not_reach_past_its_source() {
        let mut map = Map::default();
        map.point(0, 0);
        map.point(3, 1);
        assert_eq!(map.origin(2), 1);
    }
}
